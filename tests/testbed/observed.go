package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"go.temporal.io/api/serviceerror"
	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

const (
	maxKeptCalls    = 10000
	maxRequestBytes = 64 * 1024
)

// addedMetadata are keys that the server's own interceptors have added before ours runs.
var addedMetadata = []string{"call-initiation", "caller-name", "caller-type"}

// call is what the server saw of one RPC. Code is empty while it runs.
type call struct {
	N          int                 `json:"n"`
	Method     string              `json:"method"`
	Via        string              `json:"via"`
	Connection int                 `json:"connection"`
	Peer       string              `json:"peer"`
	Started    string              `json:"started"`
	DeadlineMS *int64              `json:"deadlineMs,omitempty"`
	Metadata   map[string][]string `json:"metadata"`
	Size       int                 `json:"requestBytes"`
	Request    json.RawMessage     `json:"request,omitempty"`
	Code       string              `json:"code,omitempty"`
	Message    string              `json:"message,omitempty"`
	DurationMS float64             `json:"durationMs,omitempty"`
	Injected   bool                `json:"injected,omitempty"`
}

// recorder keeps the newest calls, and counts of all of them.
type recorder struct {
	all    bool
	faults *faults
	key    *keyCheck

	mu     sync.Mutex
	fronts *fronts // nil until the fronts are open
	last   int
	epoch  int // one more after each reset
	calls  []*call
	counts map[string]map[string]int
}

func newRecorder(all bool, faults *faults, key *keyCheck) *recorder {
	return &recorder{all: all, faults: faults, key: key, counts: map[string]map[string]int{}}
}

func (r *recorder) attach(f *fronts) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fronts = f
}

// intercept runs inside the server's own interceptors: it does not see what they refuse.
func (r *recorder) intercept(ctx context.Context, request any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	from := r.origin(ctx)
	if from == nil && !r.all {
		return handler(ctx, request)
	}
	seen := describe(ctx, request, info.FullMethod)
	if from != nil {
		seen.Via, seen.Connection, seen.Peer = from.via, from.id, from.tcp.RemoteAddr().String()
	}
	started := time.Now()
	epoch := r.begin(seen)
	reply, injected, err := r.answer(ctx, seen, request, handler, from)
	r.end(seen, epoch, err, injected, time.Since(started))
	return reply, err
}

func (r *recorder) answer(ctx context.Context, seen *call, request any, handler grpc.UnaryHandler, from *link) (any, bool, error) {
	if from == nil {
		reply, err := handler(ctx, request)
		return reply, false, err
	}
	if err := r.key.check(ctx, from.via); err != nil {
		return nil, false, err
	}
	fault := r.faults.take(seen.Method, from.via)
	if fault == nil {
		reply, err := handler(ctx, request)
		return reply, false, err
	}
	reply, err := fault.apply(ctx, request, handler)
	return reply, true, err
}

// origin is the link of the client, nil for a connection straight to the frontend.
func (r *recorder) origin(ctx context.Context) *link {
	r.mu.Lock()
	f := r.fronts
	r.mu.Unlock()
	p, ok := peer.FromContext(ctx)
	if f == nil || !ok {
		return nil
	}
	return f.find(p.Addr.String())
}

func describe(ctx context.Context, request any, method string) *call {
	seen := &call{Method: method, Metadata: map[string][]string{}}
	if p, ok := peer.FromContext(ctx); ok {
		seen.Peer = p.Addr.String()
	}
	if deadline, ok := ctx.Deadline(); ok {
		left := time.Until(deadline).Milliseconds()
		seen.DeadlineMS = &left
	}
	md, _ := metadata.FromIncomingContext(ctx)
	for key, values := range md {
		if slices.Contains(addedMetadata, key) {
			continue
		}
		for _, value := range values {
			if strings.HasSuffix(key, "-bin") {
				value = base64.StdEncoding.EncodeToString([]byte(value))
			}
			seen.Metadata[key] = append(seen.Metadata[key], value)
		}
	}
	if message, ok := request.(proto.Message); ok {
		seen.Size = proto.Size(message)
		if seen.Size <= maxRequestBytes {
			seen.Request, _ = protojson.Marshal(message)
		}
	}
	return seen
}

func (r *recorder) begin(seen *call) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last++
	seen.N = r.last
	seen.Started = time.Now().Format(time.RFC3339Nano)
	r.calls = append(r.calls, seen)
	if len(r.calls) > maxKeptCalls {
		r.calls = append([]*call(nil), r.calls[len(r.calls)-maxKeptCalls/2:]...)
	}
	return r.epoch
}

func (r *recorder) end(seen *call, epoch int, err error, injected bool, took time.Duration) {
	result := statusOf(err)
	r.mu.Lock()
	defer r.mu.Unlock()
	seen.Code = code.Code(result.Code()).String()
	seen.Message = result.Message()
	seen.DurationMS = float64(took.Microseconds()) / 1000
	seen.Injected = injected
	if epoch != r.epoch {
		return
	}
	if r.counts[seen.Method] == nil {
		r.counts[seen.Method] = map[string]int{}
	}
	r.counts[seen.Method][seen.Code]++
}

func statusOf(err error) *status.Status {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return status.FromContextError(err)
	}
	return serviceerror.ToStatus(err)
}

// since copies the calls with a number above n whose method matches.
func (r *recorder) since(n int, method string) (calls []call, last int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	first := sort.Search(len(r.calls), func(i int) bool { return r.calls[i].N > n })
	calls = []call{}
	for _, seen := range r.calls[first:] {
		if methodMatches(method, seen.Method) {
			calls = append(calls, *seen)
		}
	}
	return calls, r.last
}

// tally counts the calls that have ended since the last reset, by method and code.
func (r *recorder) tally() map[string]map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	copied := map[string]map[string]int{}
	for method, codes := range r.counts {
		copied[method] = map[string]int{}
		for name, count := range codes {
			copied[method][name] = count
		}
	}
	return copied
}

// reset forgets the calls but goes on numbering, so that a `since` from before stays right.
func (r *recorder) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.epoch++
	r.calls, r.counts = nil, map[string]map[string]int{}
}

// methodMatches takes a full method, its last part, or nothing for any.
func methodMatches(want, method string) bool {
	return want == "" || want == method || strings.HasSuffix(method, "/"+want)
}
