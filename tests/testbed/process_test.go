package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// bed is the ready line of the testbed that all tests share.
var bed map[string]string

// TestMain runs this test program a second time, as the testbed itself.
func TestMain(m *testing.M) {
	if os.Getenv("TESTBED_CHILD") != "" {
		main()
		os.Exit(0)
	}
	child, err := launch()
	if err != nil {
		panic(err)
	}
	bed = child.ready
	failed := m.Run()
	if err := child.end(); err != nil {
		panic(err)
	}
	os.Exit(failed)
}

type process struct {
	command *exec.Cmd
	stdin   io.Closer
	ready   map[string]string
	rest    *bufio.Reader
}

func launch(args ...string) (*process, error) {
	command := exec.Command(os.Args[0], args...)
	command.Env = append(os.Environ(), "TESTBED_CHILD=1")
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	c := &process{command: command, stdin: stdin, rest: bufio.NewReader(stdout)}
	line, err := c.rest.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	return c, json.Unmarshal(line, &c.ready)
}

func (c *process) end() error {
	c.stdin.Close()
	return c.command.Wait()
}

func within(t *testing.T, limit time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	t.Cleanup(cancel)
	return ctx
}

// ask sends a request to the control and reads the answer into `into`.
func ask(t *testing.T, method, path, text string, into any) int {
	t.Helper()
	request, err := http.NewRequestWithContext(within(t, 10*time.Second), method, "http://"+bed["control"]+path, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if into != nil {
		if err := json.NewDecoder(response.Body).Decode(into); err != nil {
			t.Fatal(err)
		}
	}
	return response.StatusCode
}
