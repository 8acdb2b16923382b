package main

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// registerFailures adds the workflows that end failed.
func registerFailures(w worker.Worker) {
	for name, f := range map[string]any{
		"Fail": fail, "FailActivity": failActivity, "FailChain": failChain, "FailChild": failChild,
		"FailTimeout": failTimeout,
	} {
		w.RegisterWorkflowWithOptions(f, workflow.RegisterOptions{Name: name})
	}
}

// failOptions is the argument of Fail.
type failOptions struct {
	Message      string `json:"message"`
	Type         string `json:"type"`
	NonRetryable bool   `json:"nonRetryable"`
	Details      []any  `json:"details"`
	NextRetryMS  int    `json:"nextRetryMs"`
	Causes       int    `json:"causes"` // a chain of this many causes, the innermost has message "cause 1"
}

func (o failOptions) failure() error {
	if o.Message == "" {
		o.Message = "failed as asked"
	}
	if o.Type == "" {
		o.Type = "TestFailure"
	}
	var cause error
	for i := range o.Causes {
		cause = temporal.NewApplicationErrorWithCause(fmt.Sprintf("cause %d", i+1), "Cause", cause)
	}
	return temporal.NewApplicationErrorWithOptions(o.Message, o.Type, temporal.ApplicationErrorOptions{
		NonRetryable: o.NonRetryable, Details: o.Details, Cause: cause,
		NextRetryDelay: time.Duration(o.NextRetryMS) * time.Millisecond,
	})
}

func fail(_ workflow.Context, o failOptions) error { return o.failure() }

// failChain fails with three application failures, each the cause of the one before.
func failChain(workflow.Context) error {
	inner := temporal.NewNonRetryableApplicationError("inner", "Inner", nil, map[string]int{"depth": 3})
	middle := temporal.NewApplicationErrorWithCause("middle", "Middle", inner)
	return temporal.NewApplicationErrorWithCause("outer", "Outer", middle, 1, "two")
}

// failActivity fails with the activity's failure as its own.
func failActivity(ctx workflow.Context, o failOptions) error {
	return workflow.ExecuteActivity(activityContext(ctx), "FailActivity", o).Get(ctx, nil)
}

func activityContext(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Minute,
		RetryPolicy:         &temporal.RetryPolicy{MaximumAttempts: 1},
	})
}

// failChild fails with its child's failure as its own.
func failChild(ctx workflow.Context, o failOptions) error {
	ctx = workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID: workflow.GetInfo(ctx).WorkflowExecution.ID + "/child",
	})
	return workflow.ExecuteChildWorkflow(ctx, "Fail", o).Get(ctx, nil)
}

// failTimeout fails because an activity runs into a timeout of this kind, after half a second.
func failTimeout(ctx workflow.Context, kind string) error {
	const limit = 500 * time.Millisecond
	options := workflow.ActivityOptions{
		ActivityID:          holdActivityID,
		StartToCloseTimeout: time.Minute,
		RetryPolicy:         &temporal.RetryPolicy{MaximumAttempts: 1},
	}
	switch kind {
	case "startToClose", "":
		options.StartToCloseTimeout = limit
	case "scheduleToStart":
		options.ScheduleToStartTimeout, options.TaskQueue = limit, "nobody"
	case "heartbeat":
		options.HeartbeatTimeout = limit
	default:
		return temporal.NewNonRetryableApplicationError("no such kind: "+kind, "UnknownKind", nil)
	}
	return workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, options), "HoldActivity").Get(ctx, nil)
}
