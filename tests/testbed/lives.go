package main

import (
	"encoding/json"
	"errors"
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// registerLives adds the workflows that run until a client does something to them.
func registerLives(w worker.Worker) {
	for name, f := range map[string]any{
		"IgnoreCancel": ignoreCancel, "Interactive": interactive, "Pending": pending, "Wait": wait, "WaitCancel": waitCancel,
	} {
		w.RegisterWorkflowWithOptions(f, workflow.RegisterOptions{Name: name})
	}
}

func wait(ctx workflow.Context) error {
	return workflow.Await(ctx, func() bool { return false })
}

// waitCancel ends cancelled with details.
func waitCancel(ctx workflow.Context) error {
	if err := wait(ctx); !temporal.IsCanceledError(err) {
		return err
	}
	return temporal.NewCanceledError("cancelled as asked", 7)
}

// ignoreCancel completes with "finished" by the signal finish, cancelled or not.
func ignoreCancel(ctx workflow.Context) (string, error) {
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	workflow.GetSignalChannel(ctx, "finish").Receive(ctx, nil)
	return "finished", nil
}

// life is the state of Interactive and its result.
type life struct {
	Value   int               `json:"value"`
	Notes   []json.RawMessage `json:"notes"`
	Updates int               `json:"updates"`
	Finish  json.RawMessage   `json:"finish,omitempty"`
	done    bool
}

// interactive takes signals, queries and updates until the signal or the update finish.
func interactive(ctx workflow.Context) (*life, error) {
	l := &life{Notes: []json.RawMessage{}}
	if err := errors.Join(l.handleQueries(ctx), l.handleUpdates(ctx)); err != nil {
		return nil, err
	}
	selector := workflow.NewSelector(ctx)
	selector.AddReceive(workflow.GetSignalChannel(ctx, "add"), func(c workflow.ReceiveChannel, _ bool) {
		var n int
		c.Receive(ctx, &n)
		l.Value += n
	})
	selector.AddReceive(workflow.GetSignalChannel(ctx, "note"), func(c workflow.ReceiveChannel, _ bool) {
		note := json.RawMessage("null")
		c.Receive(ctx, &note)
		l.Notes = append(l.Notes, note)
	})
	selector.AddReceive(workflow.GetSignalChannel(ctx, "finish"), func(c workflow.ReceiveChannel, _ bool) {
		c.Receive(ctx, &l.Finish)
		l.done = true
	})
	selector.AddReceive(ctx.Done(), func(workflow.ReceiveChannel, bool) {})
	for !l.done || selector.HasPending() {
		if l.done {
			selector.Select(ctx)
			continue
		}
		if err := workflow.Await(ctx, func() bool { return l.done || selector.HasPending() }); err != nil {
			return nil, err
		}
		if selector.HasPending() {
			selector.Select(ctx)
		}
	}
	return l, workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
}

func (l *life) handleQueries(ctx workflow.Context) error {
	return errors.Join(
		workflow.SetQueryHandler(ctx, "state", func() (*life, error) { return l, nil }),
		workflow.SetQueryHandler(ctx, "add", func(a, b int) (int, error) { return a + b, nil }),
		workflow.SetQueryHandler(ctx, "echo", func(arg converter.RawValue) (converter.RawValue, error) { return echo(nil, arg) }),
		workflow.SetQueryHandler(ctx, "nothing", func() (any, error) { return nil, nil }),
		workflow.SetQueryHandler(ctx, "fail", func() (any, error) { return nil, errors.New("query failed as asked") }),
	)
}

func (l *life) handleUpdates(ctx workflow.Context) error {
	notNegative := workflow.UpdateHandlerOptions{Validator: func(n int) error {
		if n < 0 {
			return temporal.NewApplicationError("negative value", "Rejected", n)
		}
		return nil
	}}
	set := func(_ workflow.Context, n int) (int, error) {
		old := l.Value
		l.Value = n
		l.Updates++
		return old, nil
	}
	hold := func(ctx workflow.Context, atLeast int) (int, error) {
		l.Updates++
		err := workflow.Await(ctx, func() bool { return l.Value >= atLeast })
		return l.Value, err
	}
	slow := func(ctx workflow.Context, milliseconds int) (string, error) {
		l.Updates++
		return "slept", workflow.Sleep(ctx, time.Duration(milliseconds)*time.Millisecond)
	}
	finish := func(workflow.Context) error {
		l.Updates++
		l.done = true
		return nil
	}
	return errors.Join(
		workflow.SetUpdateHandlerWithOptions(ctx, "set", set, notNegative),
		workflow.SetUpdateHandler(ctx, "hold", hold),
		workflow.SetUpdateHandler(ctx, "slow", slow),
		workflow.SetUpdateHandler(ctx, "finish", finish),
		workflow.SetUpdateHandler(ctx, "echo", echo),
		workflow.SetUpdateHandler(ctx, "nothing", func(workflow.Context) error { return nil }),
		workflow.SetUpdateHandler(ctx, "fail", func(_ workflow.Context, o failOptions) error { return o.failure() }),
	)
}

// pending ends as its activity does, which only a client can complete. The query token gives the activity's task token
// in base64, empty until the activity has started; its id is "hold".
func pending(ctx workflow.Context) (converter.RawValue, error) {
	execution := workflow.GetInfo(ctx).WorkflowExecution
	err := workflow.SetQueryHandler(ctx, "token", func() (string, error) { return heldToken(execution.RunID), nil })
	if err != nil {
		return rawNull(), err
	}
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		ActivityID:          holdActivityID,
		StartToCloseTimeout: 10 * time.Minute,
		WaitForCancellation: true,
		RetryPolicy:         &temporal.RetryPolicy{MaximumAttempts: 1},
	})
	var value converter.RawValue
	err = workflow.ExecuteActivity(ctx, "HoldActivity").Get(ctx, &value)
	if value.Payload() == nil {
		value = rawNull()
	}
	return value, err
}
