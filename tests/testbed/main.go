// The testbed is a real Temporal server on a database in memory, with a worker of the official Go SDK, for the tests of
// minim. See README.md.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	o, err := parseOptions(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		err = run(o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "testbed:", err)
		os.Exit(1)
	}
}

// run ends at the end of standard input. It stops nothing in order then: all state is in memory, and the end of the
// process closes every connection at once.
func run(o *options) error {
	if o.workerOnly {
		if err := startWorkers(o.address); err != nil {
			return err
		}
		return readyUntilEOF(map[string]string{"address": o.address, "namespace": mainNamespace, "taskQueue": taskQueue})
	}
	if o.certDir == "" {
		dir, err := os.MkdirTemp("", "testbed-certs-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.certDir = dir
	}
	ready, err := start(o)
	if err != nil {
		return err
	}
	return readyUntilEOF(ready)
}

// start brings everything up and returns the ready line.
func start(o *options) (map[string]string, error) {
	certs, err := makeCertificates(o.certDir)
	if err != nil {
		return nil, err
	}
	dynamic := newSettings(o.dynamic)
	injected, key := &faults{}, &keyCheck{key: o.apiKey}
	calls := newRecorder(o.recordAll, injected, key)
	frontend, err := startServer(dynamic, calls, o.logLevel)
	if err != nil {
		return nil, err
	}
	if err := awaitServer(frontend); err != nil {
		return nil, err
	}
	if !o.noWorker {
		if err := startWorkers(frontend); err != nil {
			return nil, err
		}
	}
	entrances := newFronts(frontend)
	if err := entrances.openAll(certs, o.ports); err != nil {
		return nil, err
	}
	calls.attach(entrances)
	controlled := &control{dynamic: dynamic, calls: calls, faults: injected, fronts: entrances, key: key}
	controlAddress, err := controlled.serve(o.controlPort)
	if err != nil {
		return nil, err
	}
	ready := map[string]string{
		"direct": frontend, "control": controlAddress, "certDir": o.certDir, "key": o.apiKey,
		"namespace": mainNamespace, "otherNamespace": otherNamespace,
		"taskQueue": taskQueue, "nexusEndpoint": nexusEndpoint,
	}
	for via, address := range entrances.addresses {
		ready[via] = address
	}
	return ready, nil
}

func readyUntilEOF(ready map[string]string) error {
	line, err := json.Marshal(ready)
	if err != nil {
		return err
	}
	fmt.Println(string(line))
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}
