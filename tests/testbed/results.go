package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// registerResults adds the workflows that end with a result.
func registerResults(w worker.Worker) {
	for name, f := range map[string]any{
		"Args": args, "Child": child, "ContinueAsNew": continueAsNew, "Cron": cron, "Echo": echo, "Large": large,
		"LongHistory": longHistory, "Nothing": nothing, "Result": result, "Retry": retry, "Sleep": sleep,
		"Upsert": upsert,
	} {
		w.RegisterWorkflowWithOptions(f, workflow.RegisterOptions{Name: name})
	}
}

// echo returns its argument's payload untouched, whatever its encoding; null without one.
func echo(_ workflow.Context, arg converter.RawValue) (converter.RawValue, error) {
	if arg.Payload() == nil {
		return rawNull(), nil
	}
	return arg, nil
}

func rawNull() converter.RawValue {
	return raw(converter.MetadataEncodingNil, nil)
}

func raw(encoding string, data []byte) converter.RawValue {
	return converter.NewRawValue(&commonpb.Payload{
		Metadata: map[string][]byte{converter.MetadataEncoding: []byte(encoding)},
		Data:     data,
	})
}

// args returns a list of its first three arguments, null for those not given.
func args(_ workflow.Context, a, b, c json.RawMessage) ([]json.RawMessage, error) {
	list := []json.RawMessage{a, b, c}
	for i := range list {
		if list[i] == nil {
			list[i] = json.RawMessage("null")
		}
	}
	return list, nil
}

func nothing(workflow.Context) error { return nil }

// result returns one value of the named kind.
func result(_ workflow.Context, kind string) (converter.RawValue, error) {
	sample := &commonpb.WorkflowExecution{WorkflowId: "w", RunId: "r"}
	asJSON, err := converter.NewProtoJSONPayloadConverter().ToPayload(sample)
	if err != nil {
		return rawNull(), err
	}
	asBinary, err := converter.NewProtoPayloadConverter().ToPayload(sample)
	if err != nil {
		return rawNull(), err
	}
	values := map[string]converter.RawValue{
		"null":     rawNull(),
		"jsonNull": raw("json/plain", []byte("null")),
		"bool":     raw("json/plain", []byte("true")),
		"int":      raw("json/plain", []byte("-9007199254740993")),
		"float":    raw("json/plain", []byte("1.5e-7")),
		"string":   raw("json/plain", []byte(`"text"`)),
		"empty":    raw("json/plain", []byte(`""`)),
		"unicode":  raw("json/plain", []byte("\"\\u00e4 \U0001F600 \\n\"")),
		"array":    raw("json/plain", []byte(`[1,"two",null,[3]]`)),
		"object":   raw("json/plain", []byte(`{"a":1,"b":{"c":[true]}}`)),
		"bytes":    raw("binary/plain", []byte{0, 1, 0xfe, 0xff}),
		"proto":    converter.NewRawValue(asJSON),
		"protobuf": converter.NewRawValue(asBinary),
		"unknown":  raw("testbed/unknown", []byte("?")),
		"invalid":  raw("json/plain", []byte(`{"broken"`)),
	}
	value, known := values[kind]
	if !known {
		return rawNull(), temporal.NewNonRetryableApplicationError("no such kind: "+kind, "UnknownKind", nil)
	}
	return value, nil
}

func large(_ workflow.Context, bytes int) (string, error) {
	return strings.Repeat("x", bytes), nil
}

func sleep(ctx workflow.Context, milliseconds int) (string, error) {
	return "slept", workflow.Sleep(ctx, time.Duration(milliseconds)*time.Millisecond)
}

// longHistory makes this many marker events of this size; a workflow task completes for each mebibyte or 500 events.
func longHistory(ctx workflow.Context, events, size int) (int, error) {
	text, batch := strings.Repeat("x", size), 0
	for i := range events {
		workflow.SideEffect(ctx, func(workflow.Context) any { return text })
		if batch += max(size, 2048); batch >= 1<<20 || i == events-1 {
			batch = 0
			if err := workflow.Sleep(ctx, time.Millisecond); err != nil {
				return 0, err
			}
		}
	}
	return events, nil
}

// continueAsNew starts itself anew until nothing is left, then returns how often it did.
func continueAsNew(ctx workflow.Context, left, done int) (int, error) {
	if left > 0 {
		return 0, workflow.NewContinueAsNewError(ctx, "ContinueAsNew", left-1, done+1)
	}
	return done, nil
}

// retry fails until this many attempts have failed; the starter gives the retry policy.
func retry(ctx workflow.Context, failures int) (int, error) {
	attempt := int(workflow.GetInfo(ctx).Attempt)
	if attempt <= failures {
		return 0, temporal.NewApplicationError(fmt.Sprintf("attempt %d fails", attempt), "Retry")
	}
	return attempt, nil
}

// cron returns the number of this run among the runs of its schedule.
func cron(ctx workflow.Context) (int, error) {
	run := 0
	if workflow.HasLastCompletionResult(ctx) {
		if err := workflow.GetLastCompletionResult(ctx, &run); err != nil {
			return 0, err
		}
	}
	return run + 1, nil
}

// child returns what its child Echo returns.
func child(ctx workflow.Context, arg converter.RawValue) (converter.RawValue, error) {
	if arg.Payload() == nil {
		arg = rawNull()
	}
	ctx = workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID: workflow.GetInfo(ctx).WorkflowExecution.ID + "/child",
	})
	var value converter.RawValue
	err := workflow.ExecuteChildWorkflow(ctx, "Echo", arg).Get(ctx, &value)
	if value.Payload() == nil {
		value = rawNull()
	}
	return value, err
}

// upsert sets a search attribute and a memo entry while it runs.
func upsert(ctx workflow.Context, keyword string) (string, error) {
	key := temporal.NewSearchAttributeKeyKeyword("CustomKeywordField")
	return keyword, errors.Join(
		workflow.UpsertTypedSearchAttributes(ctx, key.ValueSet(keyword)),
		workflow.UpsertMemo(ctx, map[string]any{"upserted": keyword}),
	)
}
