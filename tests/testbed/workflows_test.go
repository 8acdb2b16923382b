package main

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/grpc/metadata"
)

func dial(t *testing.T, namespace string) client.Client {
	t.Helper()
	c, err := client.Dial(client.Options{HostPort: bed["address"], Namespace: namespace, Logger: silent})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func begin(t *testing.T, c client.Client, o client.StartWorkflowOptions, workflowType string, args ...any) client.WorkflowRun {
	t.Helper()
	if o.TaskQueue == "" {
		o.TaskQueue = taskQueue
	}
	run, err := c.ExecuteWorkflow(within(t, 10*time.Second), o, workflowType, args...)
	if err != nil {
		t.Fatalf("%s: %v", workflowType, err)
	}
	return run
}

// outcome is the result's payload as text, or the failures from the outermost in.
func outcome(ctx context.Context, run client.WorkflowRun) string {
	var value converter.RawValue
	err := run.Get(ctx, &value)
	if err == nil {
		return string(value.Payload().GetMetadata()["encoding"]) + " " + string(value.Payload().GetData())
	}
	var parts []string
	for ; err != nil; err = errors.Unwrap(err) {
		var part string
		switch e := err.(type) {
		case *temporal.ApplicationError:
			part = e.Type() + ":" + e.Message()
		case *temporal.ActivityError:
			part = "activity " + e.ActivityType().GetName()
		case *temporal.ChildWorkflowExecutionError:
			part = "child"
		case *temporal.TimeoutError:
			part = "timeout " + e.TimeoutType().String()
		case *temporal.CanceledError:
			part = "cancelled"
		case *temporal.TerminatedError:
			part = "terminated"
		default:
			continue
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " < ")
}

func TestWorkflowsThatEndByThemselves(t *testing.T) {
	c := dial(t, mainNamespace)
	other := dial(t, otherNamespace)
	retry3 := client.StartWorkflowOptions{RetryPolicy: &temporal.RetryPolicy{InitialInterval: time.Millisecond, MaximumAttempts: 3}}
	var plainStart client.StartWorkflowOptions
	for _, test := range []struct {
		start        client.StartWorkflowOptions
		workflowType string
		args         []any
		want         string
	}{
		{plainStart, "Args", []any{1, "two"}, `json/plain [1,"two",null]`},
		{plainStart, "Child", []any{"x"}, `json/plain "x"`},
		{plainStart, "ContinueAsNew", []any{3, 0}, "json/plain 3"},
		{plainStart, "Echo", nil, "binary/null "},
		{plainStart, "Echo", []any{[]byte("ab")}, "binary/plain ab"},
		{plainStart, "Large", []any{3}, `json/plain "xxx"`},
		{plainStart, "LongHistory", []any{1200, 10}, "json/plain 1200"},
		{plainStart, "Nothing", nil, " "},
		{plainStart, "Result", []any{"null"}, "binary/null "},
		{plainStart, "Result", []any{"jsonNull"}, "json/plain null"},
		{plainStart, "Result", []any{"bool"}, "json/plain true"},
		{plainStart, "Result", []any{"int"}, "json/plain -9007199254740993"},
		{plainStart, "Result", []any{"float"}, "json/plain 1.5e-7"},
		{plainStart, "Result", []any{"string"}, `json/plain "text"`},
		{plainStart, "Result", []any{"array"}, `json/plain [1,"two",null,[3]]`},
		{plainStart, "Result", []any{"bytes"}, "binary/plain \x00\x01\xfe\xff"},
		{plainStart, "Result", []any{"protobuf"}, "binary/protobuf \n\x01w\x12\x01r"},
		{plainStart, "Result", []any{"unknown"}, "testbed/unknown ?"},
		{plainStart, "Result", []any{"bogus"}, "UnknownKind:no such kind: bogus"},
		{retry3, "Retry", []any{2}, "json/plain 3"},
		{retry3, "Retry", []any{3}, "Retry:attempt 3 fails"},
		{plainStart, "Sleep", []any{1}, `json/plain "slept"`},
		{plainStart, "Upsert", []any{"k"}, `json/plain "k"`},
		{plainStart, "Fail", nil, "TestFailure:failed as asked"},
		{plainStart, "Fail", []any{failOptions{Message: "m", Type: "T", Causes: 2}}, "T:m < Cause:cause 2 < Cause:cause 1"},
		{plainStart, "FailActivity", nil, "activity FailActivity < TestFailure:failed as asked"},
		{plainStart, "FailChain", nil, "Outer:outer < Middle:middle < Inner:inner"},
		{plainStart, "FailChild", nil, "child < TestFailure:failed as asked"},
		{plainStart, "FailTimeout", []any{"startToClose"}, "activity HoldActivity < timeout StartToClose"},
		{plainStart, "FailTimeout", []any{"scheduleToStart"}, "activity HoldActivity < timeout ScheduleToStart"},
		{plainStart, "FailTimeout", []any{"heartbeat"}, "activity HoldActivity < timeout Heartbeat"},
		{client.StartWorkflowOptions{WorkflowRunTimeout: time.Second}, "Wait", nil, "timeout StartToClose"},
		{client.StartWorkflowOptions{WorkflowRunTimeout: time.Second, TaskQueue: "nobody"}, "Echo", nil, "timeout StartToClose"},
	} {
		for _, c := range []client.Client{c, other} {
			if got := outcome(within(t, 20*time.Second), begin(t, c, test.start, test.workflowType, test.args...)); got != test.want {
				t.Errorf("%s%v: got %q, want %q", test.workflowType, test.args, got, test.want)
			}
			if test.start.WorkflowRunTimeout > 0 || test.workflowType == "FailTimeout" {
				break // once is enough of what takes time
			}
		}
	}
}

func TestWorkflowsThatAreEnded(t *testing.T) {
	c, ctx := dial(t, mainNamespace), within(t, 20*time.Second)
	for _, test := range []struct{ workflowType, how, want string }{
		{"Wait", "cancel", "cancelled"},
		{"Wait", "terminate", "terminated"},
		{"WaitCancel", "cancel", "cancelled"},
		{"IgnoreCancel", "cancel finish", `json/plain "finished"`},
		{"Interactive", "finish", `json/plain {"value":0,"notes":[],"updates":0}`},
	} {
		run := begin(t, c, client.StartWorkflowOptions{}, test.workflowType)
		for _, how := range strings.Fields(test.how) {
			var err error
			switch how {
			case "cancel":
				err = c.CancelWorkflow(ctx, run.GetID(), "")
			case "terminate":
				err = c.TerminateWorkflow(ctx, run.GetID(), "", "reason", "detail")
			default:
				err = c.SignalWorkflow(ctx, run.GetID(), "", how, nil)
			}
			if err != nil {
				t.Error(err)
			}
		}
		if got := outcome(ctx, run); got != test.want {
			t.Errorf("%s, %s: got %q, want %q", test.workflowType, test.how, got, test.want)
		}
	}
}

func TestInteractive(t *testing.T) {
	c, ctx := dial(t, mainNamespace), within(t, 20*time.Second)
	run := begin(t, c, client.StartWorkflowOptions{}, "Interactive")
	signal := func(name string, arg any) {
		if err := c.SignalWorkflow(ctx, run.GetID(), "", name, arg); err != nil {
			t.Fatal(err)
		}
	}
	update := func(name string, args ...any) string {
		handle, err := c.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
			WorkflowID: run.GetID(), UpdateName: name, Args: args, WaitForStage: client.WorkflowUpdateStageCompleted,
		})
		var value any
		if err == nil {
			err = handle.Get(ctx, &value)
		}
		var failure *temporal.ApplicationError
		if errors.As(err, &failure) {
			return failure.Type()
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		text, _ := converter.GetDefaultDataConverter().ToPayload(value)
		return string(text.GetData())
	}
	signal("add", 5)
	signal("note", "n")
	for _, test := range []struct {
		name string
		args []any
		want string
	}{
		{"set", []any{9}, "5"}, {"set", []any{-1}, "Rejected"}, {"hold", []any{9}, "9"}, {"slow", []any{1}, `"slept"`},
		{"echo", []any{"e"}, `"e"`}, {"nothing", nil, ""}, {"fail", nil, "TestFailure"},
	} {
		if got := update(test.name, test.args...); got != test.want {
			t.Errorf("update %s: got %s, want %s", test.name, got, test.want)
		}
	}
	var sum int
	value, err := c.QueryWorkflow(ctx, run.GetID(), "", "add", 2, 3)
	if err != nil || value.Get(&sum) != nil || sum != 5 {
		t.Errorf("query add: %v %v", sum, err)
	}
	for _, name := range []string{"fail", "unregistered"} {
		_, err = c.QueryWorkflow(ctx, run.GetID(), "", name)
		if failure := (*serviceerror.QueryFailed)(nil); !errors.As(err, &failure) {
			t.Errorf("query %s: %v", name, err)
		}
	}
	signal("note", map[string]any{"a": 1})
	signal("finish", "done")
	want := `json/plain {"value":9,"notes":["n",{"a":1}],"updates":3,"finish":"done"}`
	if got := outcome(ctx, run); got != want {
		t.Errorf("got %s", got)
	}
}

func TestPending(t *testing.T) {
	c, ctx := dial(t, mainNamespace), within(t, 20*time.Second)
	run := begin(t, c, client.StartWorkflowOptions{}, "Pending")
	token := ""
	for token == "" {
		value, err := c.QueryWorkflow(ctx, run.GetID(), "", "token")
		if err != nil || value.Get(&token) != nil {
			t.Fatal(err)
		}
	}
	raw, err := base64.StdEncoding.DecodeString(token)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.CompleteActivity(ctx, raw, "by token", nil); err != nil {
		t.Error(err)
	}
	if got := outcome(ctx, run); got != `json/plain "by token"` {
		t.Error(got)
	}
}

func TestCron(t *testing.T) {
	c, ctx := dial(t, mainNamespace), within(t, 20*time.Second)
	run := begin(t, c, client.StartWorkflowOptions{CronSchedule: "@every 1s"}, "Cron")
	defer func() { _ = c.TerminateWorkflow(ctx, run.GetID(), "", "") }()
	execution := &commonpb.WorkflowExecution{WorkflowId: run.GetID(), RunId: run.GetRunID()}
	// Without this header the server shows the end of such a run as a continue-as-new.
	follows := metadata.AppendToOutgoingContext(ctx, "supported-features", "follows-next-run-id")
	history, err := c.WorkflowService().GetWorkflowExecutionHistory(follows, &workflowservice.GetWorkflowExecutionHistoryRequest{
		Namespace: mainNamespace, Execution: execution, WaitNewEvent: true,
		HistoryEventFilterType: enumspb.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, event := range history.GetHistory().GetEvents() {
		if event.GetWorkflowExecutionCompletedEventAttributes().GetNewExecutionRunId() == "" {
			t.Errorf("no next run: %v", event)
		}
		result := event.GetWorkflowExecutionCompletedEventAttributes().GetResult().GetPayloads()
		if len(result) != 1 || string(result[0].GetData()) != "1" {
			t.Errorf("first result: %v", result)
		}
	}
}

func TestStandalone(t *testing.T) {
	c, ctx := dial(t, mainNamespace), within(t, 20*time.Second)
	activity, err := c.ExecuteActivity(ctx, client.StartActivityOptions{
		ID: "standalone", TaskQueue: taskQueue, StartToCloseTimeout: time.Minute,
	}, "EchoActivity", "a")
	if err != nil {
		t.Fatal(err)
	}
	var got string
	if err := activity.Get(ctx, &got); err != nil || got != "a" {
		t.Errorf("activity: %q %v", got, err)
	}
	nexus, err := c.NewNexusClient(client.NexusClientOptions{Endpoint: nexusEndpoint, Service: "testbed"})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"echo", "run"} {
		operation, err := nexus.ExecuteOperation(ctx, name, "n", client.StartNexusOperationOptions{ID: "nexus-" + name})
		if err != nil {
			t.Fatal(err)
		}
		if err := operation.Get(ctx, &got); err != nil || got != "n" {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
}
