package main

import (
	"errors"
	"flag"
	"fmt"
	"strings"
)

// options is what the command line says.
type options struct {
	ports       map[string]*int // by front name
	controlPort int
	certDir     string
	apiKey      string
	logLevel    string
	recordAll   bool
	noWorker    bool
	workerOnly  bool
	address     string
	dynamic     dynamicFlags
}

// dynamicFlags collects repeated --dynamic key=json.
type dynamicFlags []setting

type setting struct {
	key   string
	value any
}

func (d *dynamicFlags) String() string { return "" }

func (d *dynamicFlags) Set(text string) error {
	key, raw, found := strings.Cut(text, "=")
	if !found || key == "" {
		return errors.New("want key=json")
	}
	value, err := parseSetting([]byte(raw))
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	*d = append(*d, setting{key, value})
	return nil
}

func parseOptions(args []string) (*options, error) {
	o := &options{ports: map[string]*int{}}
	flags := flag.NewFlagSet("testbed", flag.ContinueOnError)
	for name, text := range map[string]string{
		viaPlain: "port", viaTLS: "tls-port", viaMTLS: "mtls-port",
		viaAPIKey: "api-key-port", viaAPIKeyPlain: "api-key-plain-port",
	} {
		o.ports[name] = flags.Int(text, 0, "port of the "+name+" front, 0 = any")
	}
	flags.IntVar(&o.controlPort, "control-port", 0, "port of the HTTP control, 0 = any")
	flags.StringVar(&o.certDir, "cert-dir", "", "where to write certificates; default: a temporary directory, removed at the end")
	flags.StringVar(&o.apiKey, "api-key", "testbed-key", "the key that the API key fronts ask for")
	flags.StringVar(&o.logLevel, "log-level", "fatal", "of the server, on standard error; injected failures are logged as errors")
	flags.BoolVar(&o.recordAll, "record-all", false, "record calls that did not come through a front as well (the server's own and the worker's)")
	flags.BoolVar(&o.noWorker, "no-worker", false, "start no worker")
	flags.BoolVar(&o.workerOnly, "worker-only", false, "run only the worker, against --address")
	flags.StringVar(&o.address, "address", "", "host:port of the server for --worker-only")
	flags.Var(&o.dynamic, "dynamic", "dynamic server setting, key=json; may be repeated")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if o.workerOnly != (o.address != "") {
		return nil, errors.New("--worker-only and --address go together")
	}
	return o, nil
}
