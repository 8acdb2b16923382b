package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
)

func frontend(t *testing.T, via string, creds credentials.TransportCredentials) workflowservice.WorkflowServiceClient {
	t.Helper()
	conn, err := grpc.NewClient(bed[via], grpc.WithTransportCredentials(creds))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return workflowservice.NewWorkflowServiceClient(conn)
}

func plain(t *testing.T) workflowservice.WorkflowServiceClient {
	return frontend(t, viaPlain, insecure.NewCredentials())
}

func trust(t *testing.T) *tls.Config {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(bed["certDir"], "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	return &tls.Config{RootCAs: pool, NextProtos: []string{"h2"}}
}

func systemInfo(ctx context.Context, c workflowservice.WorkflowServiceClient) codes.Code {
	_, err := c.GetSystemInfo(ctx, &workflowservice.GetSystemInfoRequest{})
	return status.Code(err)
}

func TestEndsWithStandardInput(t *testing.T) {
	c, err := launch("--no-worker", "--cert-dir", t.TempDir(), "--dynamic", "frontend.rps=7")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"address", "direct", "tls", "mtls", "apiKey", "apiKeyPlain", "control", "certDir", "namespace", "taskQueue"} {
		if c.ready[key] == "" {
			t.Errorf("no %q in the ready line", key)
		}
	}
	started := time.Now()
	if err := c.end(); err != nil {
		t.Error(err)
	}
	if took := time.Since(started); took > 2*time.Second {
		t.Errorf("took %v to end", took)
	}
}

func TestTLSSpeaksH2(t *testing.T) {
	conn, err := tls.Dial("tcp", bed["tls"], trust(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if got := conn.ConnectionState().NegotiatedProtocol; got != "h2" {
		t.Errorf("ALPN %q", got)
	}
	if got := systemInfo(within(t, 5*time.Second), frontend(t, viaTLS, credentials.NewTLS(trust(t)))); got != codes.OK {
		t.Errorf("got %v", got)
	}
}

func TestBadCertificatesAreBad(t *testing.T) {
	for _, via := range []string{viaExpired, viaWrongName, viaForeign} {
		if conn, err := tls.Dial("tcp", bed[via], trust(t)); err == nil {
			conn.Close()
			t.Errorf("%s was accepted", via)
		}
	}
	conn, err := tls.Dial("tcp", bed[viaNoALPN], trust(t))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if got := conn.ConnectionState().NegotiatedProtocol; got != "" {
		t.Errorf("ALPN %q", got)
	}
}

func TestMutualTLS(t *testing.T) {
	config := trust(t)
	if got := systemInfo(within(t, 5*time.Second), frontend(t, viaMTLS, credentials.NewTLS(config))); got != codes.Unavailable {
		t.Errorf("without a certificate: %v", got)
	}
	for name, want := range map[string]codes.Code{"client": codes.OK, "other-client": codes.Unavailable} {
		path := filepath.Join(bed["certDir"], name)
		cert, err := tls.LoadX509KeyPair(path+".pem", path+".key")
		if err != nil {
			t.Fatal(err)
		}
		with := config.Clone()
		with.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &cert, nil }
		if got := systemInfo(within(t, 5*time.Second), frontend(t, viaMTLS, credentials.NewTLS(with))); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}

func TestAPIKey(t *testing.T) {
	c := frontend(t, viaAPIKey, credentials.NewTLS(trust(t)))
	ctx := within(t, 10*time.Second)
	with := func(key string) context.Context {
		return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+key)
	}
	if got := systemInfo(ctx, c); got != codes.Unauthenticated {
		t.Errorf("no key: %v", got)
	}
	if got := systemInfo(with("wrong"), c); got != codes.PermissionDenied {
		t.Errorf("wrong key: %v", got)
	}
	if got := systemInfo(with(bed["key"]), c); got != codes.OK {
		t.Errorf("right key: %v", got)
	}
	ask(t, "POST", "/api-key", `{"key":"second"}`, nil)
	defer ask(t, "POST", "/api-key", `{"key":"`+bed["key"]+`"}`, nil)
	if got := systemInfo(with("second"), c); got != codes.OK {
		t.Errorf("new key: %v", got)
	}
}

func TestCallsAreSeen(t *testing.T) {
	var seen struct {
		Last  int    `json:"last"`
		Calls []call `json:"calls"`
	}
	ask(t, "GET", "/calls", "", &seen)
	ctx := metadata.AppendToOutgoingContext(within(t, 9*time.Second), "x-test", "1", "x-test", "2", "y-bin", "\x00\xff")
	_, err := plain(t).DescribeWorkflowExecution(ctx, &workflowservice.DescribeWorkflowExecutionRequest{Namespace: "default"})
	if status.Code(err) != codes.InvalidArgument {
		t.Fatal(err)
	}
	ask(t, "GET", "/calls?method=DescribeWorkflowExecution&since="+strconv.Itoa(seen.Last), "", &seen)
	if len(seen.Calls) != 1 {
		t.Fatalf("%d calls", len(seen.Calls))
	}
	got := seen.Calls[0]
	if got.Code != "INVALID_ARGUMENT" || got.Via != viaPlain || got.DeadlineMS == nil || *got.DeadlineMS > 9000 || *got.DeadlineMS < 5000 {
		t.Errorf("%+v", got)
	}
	if !slices.Equal(got.Metadata["x-test"], []string{"1", "2"}) || !slices.Equal(got.Metadata["y-bin"], []string{"AP8="}) {
		t.Errorf("metadata %v", got.Metadata)
	}
	if !bytes.Contains(got.Request, []byte(`"default"`)) {
		t.Errorf("request %s", got.Request)
	}
	for _, key := range addedMetadata {
		if got.Metadata[key] != nil {
			t.Errorf("the server's own %s is shown", key)
		}
	}
}

func TestFaults(t *testing.T) {
	defer ask(t, "POST", "/reset", "", nil)
	c, ctx := plain(t), within(t, 10*time.Second)
	ask(t, "POST", "/fail", `{"method":"GetSystemInfo","code":"ABORTED","message":"no","times":2,"trailer":{"x-why":"test"}}`, nil)
	for _, want := range []codes.Code{codes.Aborted, codes.Aborted, codes.OK} {
		var trailer metadata.MD
		_, err := c.GetSystemInfo(ctx, &workflowservice.GetSystemInfoRequest{}, grpc.Trailer(&trailer))
		if status.Code(err) != want || (want == codes.Aborted && len(trailer["x-why"]) != 1) {
			t.Errorf("got %v %v, want %v", err, trailer, want)
		}
	}
	for _, bad := range []string{`{"code":"NOPE"}`, `{"times":0}`, `{"other":1}`, `{`} {
		if got := ask(t, "POST", "/fail", bad, nil); got != http.StatusBadRequest {
			t.Errorf("%s: %d", bad, got)
		}
	}
}

func TestFaultAfterTheWork(t *testing.T) {
	defer ask(t, "POST", "/reset", "", nil)
	c, ctx := plain(t), within(t, 10*time.Second)
	ask(t, "POST", "/fail", `{"method":"RegisterNamespace","code":14,"after":true,"delay_ms":50}`, nil)
	request := &workflowservice.RegisterNamespaceRequest{
		Namespace: "made-anyway", WorkflowExecutionRetentionPeriod: durationpb.New(24 * time.Hour),
	}
	started := time.Now()
	if _, err := c.RegisterNamespace(ctx, request); status.Code(err) != codes.Unavailable || time.Since(started) < 50*time.Millisecond {
		t.Errorf("%v after %v", err, time.Since(started))
	}
	if _, err := c.RegisterNamespace(ctx, request); status.Code(err) != codes.AlreadyExists {
		t.Error(err)
	}
}

func TestSettingsChangeAtRunTime(t *testing.T) {
	c, ctx := plain(t), within(t, 10*time.Second)
	refused := func() bool {
		_, err := c.ListWorkflowExecutions(ctx, &workflowservice.ListWorkflowExecutionsRequest{Namespace: mainNamespace})
		return status.Code(err) == codes.ResourceExhausted
	}
	ask(t, "POST", "/dynamic", `{"key":"frontend.namespaceRPS.visibility","value":1}`, nil)
	for !refused() {
		if ctx.Err() != nil {
			t.Fatal("the limit is not felt")
		}
	}
	ask(t, "POST", "/dynamic", `{"key":"frontend.namespaceRPS.visibility","value":null}`, nil)
	for refused() {
		time.Sleep(100 * time.Millisecond)
	}
}

func TestKillAndFreeze(t *testing.T) {
	defer ask(t, "POST", "/reset", "", nil)
	for _, how := range []cut{cutClose, cutEOF, cutReset} {
		conn, err := tls.Dial("tcp", bed["tls"], trust(t))
		if err != nil {
			t.Fatal(err)
		}
		var answer struct{ Killed int }
		for answer.Killed == 0 {
			ask(t, "POST", "/kill-connections", `{"via":"tls","how":"`+string(how)+`"}`, &answer)
		}
		_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
		_, err = io.Copy(io.Discard, conn)
		if reset := errors.Is(err, syscall.ECONNRESET); reset != (how == cutReset) {
			t.Errorf("%s: %v", how, err)
		}
		conn.Close()
	}
	c := plain(t)
	if got := systemInfo(within(t, 5*time.Second), c); got != codes.OK {
		t.Error(got)
	}
	ask(t, "POST", "/freeze", `{"via":"address"}`, nil)
	if got := systemInfo(within(t, 300*time.Millisecond), c); got != codes.DeadlineExceeded {
		t.Errorf("frozen: %v", got)
	}
	ask(t, "POST", "/freeze", `{"frozen":false}`, nil)
	if got := systemInfo(within(t, 5*time.Second), c); got != codes.OK {
		t.Errorf("thawed: %v", got)
	}
}
