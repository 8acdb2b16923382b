package main

import (
	"context"
	"encoding/base64"
	"errors"
	"sync"
	"time"

	"github.com/nexus-rpc/sdk-go/nexus"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporalnexus"
	"go.temporal.io/sdk/worker"
)

// holdActivityID is the id under which workflows run HoldActivity.
const holdActivityID = "hold"

// held has the task tokens of held activities by the run id of their workflow.
var held sync.Map

// registerActivities adds what workflows and clients of standalone activities may run.
func registerActivities(w worker.Worker) {
	for name, f := range map[string]any{
		"EchoActivity": echoActivity, "FailActivity": failingActivity, "HoldActivity": holdActivity,
		"HeartbeatActivity": heartbeatActivity,
	} {
		w.RegisterActivityWithOptions(f, activity.RegisterOptions{Name: name})
	}
}

func echoActivity(_ context.Context, arg converter.RawValue) (converter.RawValue, error) {
	return echo(nil, arg)
}

func failingActivity(_ context.Context, o failOptions) error { return o.failure() }

// holdActivity never completes by itself. It has sent one heartbeat.
func holdActivity(ctx context.Context) error {
	info := activity.GetInfo(ctx)
	held.Store(info.WorkflowExecution.RunID, base64.StdEncoding.EncodeToString(info.TaskToken))
	activity.RecordHeartbeat(ctx, "held", info.Attempt)
	return activity.ErrResultPending
}

func heldToken(runID string) string {
	token, _ := held.Load(runID)
	text, _ := token.(string)
	return text
}

// heartbeatActivity sends a heartbeat each 100 ms until it is cancelled.
func heartbeatActivity(ctx context.Context) error {
	for beat := 1; ; beat++ {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
			activity.RecordHeartbeat(ctx, beat)
		}
	}
}

// nexusService has an operation that returns at once, one that fails, and two that are workflows.
func nexusService() *nexus.Service {
	service := nexus.NewService("testbed")
	service.MustRegister(
		nexus.NewSyncOperation("echo", func(_ context.Context, arg string, _ nexus.StartOperationOptions) (string, error) {
			return arg, nil
		}),
		nexus.NewSyncOperation("fail", func(_ context.Context, message string, _ nexus.StartOperationOptions) (string, error) {
			return "", &nexus.OperationError{State: nexus.OperationStateFailed, Cause: errors.New(message)}
		}),
		workflowOperation("run", "Echo"),
		workflowOperation("wait", "Wait"),
	)
	return service
}

func workflowOperation(name, workflowType string) nexus.RegisterableOperation {
	return temporalnexus.MustNewWorkflowRunOperationWithOptions(temporalnexus.WorkflowRunOperationOptions[string, string]{
		Name: name,
		Handler: func(ctx context.Context, arg string, o nexus.StartOperationOptions) (temporalnexus.WorkflowHandle[string], error) {
			return temporalnexus.ExecuteUntypedWorkflow[string](ctx, o,
				client.StartWorkflowOptions{ID: "nexus-" + o.RequestID, TaskQueue: taskQueue}, workflowType, arg)
		},
	})
}
