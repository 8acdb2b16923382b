package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// fault changes the answer of the next calls of a method.
type fault struct {
	ID      int               `json:"id"`
	Method  string            `json:"method"`
	Via     string            `json:"via,omitempty"`
	Code    codeName          `json:"code"`
	Message string            `json:"message"`
	Times   int               `json:"times"` // calls left; negative: until the next reset
	After   bool              `json:"after"` // fail once the handler has done its work
	DelayMS int               `json:"delay_ms"`
	Trailer map[string]string `json:"trailer,omitempty"`
}

// codeName is a status code that reads from its name or number; OK means to delay only.
type codeName codes.Code

func (c *codeName) UnmarshalJSON(text []byte) error {
	var name string
	if err := json.Unmarshal(text, &name); err != nil {
		var number uint32
		if err := json.Unmarshal(text, &number); err != nil {
			return err
		}
		*c = codeName(number)
		return nil
	}
	number, known := code.Code_value[name]
	if !known {
		return fmt.Errorf("unknown status code %q", name)
	}
	*c = codeName(number)
	return nil
}

func (c codeName) MarshalJSON() ([]byte, error) {
	return json.Marshal(code.Code(c).String())
}

type faults struct {
	mu     sync.Mutex
	lastID int
	active []*fault
}

func (f *faults) add(added fault) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lastID++
	added.ID = f.lastID
	f.active = append(f.active, &added)
	return added.ID
}

// take uses up one time of the oldest fault for this call, if there is one.
func (f *faults) take(method, via string) *fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, candidate := range f.active {
		if !methodMatches(candidate.Method, method) || (candidate.Via != "" && candidate.Via != via) {
			continue
		}
		if candidate.Times > 0 {
			candidate.Times--
		}
		taken := *candidate
		if candidate.Times == 0 {
			f.active = append(f.active[:i:i], f.active[i+1:]...)
		}
		return &taken
	}
	return nil
}

func (f *faults) list() []fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := []fault{}
	for _, active := range f.active {
		list = append(list, *active)
	}
	return list
}

func (f *faults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.active = nil
}

func (f *fault) apply(ctx context.Context, request any, handler grpc.UnaryHandler) (any, error) {
	if len(f.Trailer) > 0 {
		_ = grpc.SetTrailer(ctx, metadata.New(f.Trailer))
	}
	if f.DelayMS > 0 {
		select {
		case <-time.After(time.Duration(f.DelayMS) * time.Millisecond):
		case <-ctx.Done():
			return nil, status.FromContextError(ctx.Err()).Err()
		}
	}
	refusal := status.Error(codes.Code(f.Code), f.Message)
	if refusal != nil && !f.After {
		return nil, refusal
	}
	reply, err := handler(ctx, request)
	if err == nil && refusal != nil {
		return nil, refusal
	}
	return reply, err
}
