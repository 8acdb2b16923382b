package main

import (
	"context"
	"log/slog"
	"time"

	nexuspb "go.temporal.io/api/nexus/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
)

const (
	taskQueue     = "testbed"
	nexusEndpoint = "testbed"
)

// silent drops the worker's log: most of it would be the failures that the fixtures are for.
var silent = sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler))

// awaitServer returns when both namespaces answer.
func awaitServer(address string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	c, err := client.NewLazyClient(client.Options{HostPort: address, Logger: silent})
	if err != nil {
		return err
	}
	defer c.Close()
	for _, namespace := range []string{mainNamespace, otherNamespace} {
		for {
			_, err := c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: namespace})
			if err == nil {
				break
			}
			if ctx.Err() != nil {
				return err
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	return nil
}

// startWorkers serves the task queue in both namespaces, and makes the Nexus endpoint.
func startWorkers(address string) error {
	c, err := client.Dial(client.Options{HostPort: address, Namespace: mainNamespace, Logger: silent, Identity: "testbed-worker"})
	if err != nil {
		return err
	}
	other, err := client.NewClientFromExisting(c, client.Options{Namespace: otherNamespace, Logger: silent, Identity: "testbed-worker"})
	if err != nil {
		return err
	}
	for _, c := range []client.Client{c, other} {
		w := worker.New(c, taskQueue, worker.Options{})
		registerResults(w)
		registerFailures(w)
		registerLives(w)
		registerActivities(w)
		w.RegisterNexusService(nexusService())
		if err := w.Start(); err != nil {
			return err
		}
	}
	return makeNexusEndpoint(c)
}

func makeNexusEndpoint(c client.Client) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, err := c.OperatorService().CreateNexusEndpoint(ctx, &operatorservice.CreateNexusEndpointRequest{
		Spec: &nexuspb.EndpointSpec{
			Name: nexusEndpoint,
			Target: &nexuspb.EndpointTarget{Variant: &nexuspb.EndpointTarget_Worker_{
				Worker: &nexuspb.EndpointTarget_Worker{Namespace: mainNamespace, TaskQueue: taskQueue},
			}},
		},
	})
	if _, exists := err.(*serviceerror.AlreadyExists); exists {
		return nil
	}
	return err
}
