package main

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strconv"
)

// control is the HTTP side of the testbed: JSON in, one line of JSON out, {"error": ...} with a status of 400 if the
// request makes no sense.
type control struct {
	dynamic *settings
	calls   *recorder
	faults  *faults
	fronts  *fronts
	key     *keyCheck
}

type reply map[string]any

// serve listens on loopback and returns the address.
func (c *control) serve(port int) (string, error) {
	listener, err := net.Listen("tcp", net.JoinHostPort(loopback, strconv.Itoa(port)))
	if err != nil {
		return "", err
	}
	mux := http.NewServeMux()
	for pattern, handle := range map[string]func(*http.Request) (reply, error){
		"GET /calls":             c.getCalls,
		"GET /connections":       c.getConnections,
		"GET /counts":            func(*http.Request) (reply, error) { return reply{"counts": c.calls.tally()}, nil },
		"GET /dynamic":           func(*http.Request) (reply, error) { return reply{"values": c.dynamic.all()}, nil },
		"GET /faults":            func(*http.Request) (reply, error) { return reply{"faults": c.faults.list()}, nil },
		"POST /api-key":          c.postKey,
		"POST /dynamic":          c.postDynamic,
		"POST /fail":             c.postFail,
		"POST /freeze":           c.postFreeze,
		"POST /kill-connections": c.postKill,
		"POST /reset":            c.postReset,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, request *http.Request) {
			answer, err := handle(request)
			w.Header().Set("Content-Type", "application/json")
			if err != nil {
				w.WriteHeader(http.StatusBadRequest)
				answer = reply{"error": err.Error()}
			}
			text, _ := json.Marshal(answer)
			w.Header().Set("Content-Length", strconv.Itoa(len(text)+1))
			_, _ = w.Write(append(text, '\n'))
		})
	}
	go func() { _ = http.Serve(listener, mux) }()
	return listener.Addr().String(), nil
}

// body reads a JSON object with known fields only; an empty body is an empty object.
func body(request *http.Request, into any) error {
	if request.ContentLength == 0 {
		return nil
	}
	decoder := json.NewDecoder(request.Body)
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

func (c *control) getCalls(request *http.Request) (reply, error) {
	query := request.URL.Query()
	since := 0
	if text := query.Get("since"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			return nil, err
		}
		since = n
	}
	calls, last := c.calls.since(since, query.Get("method"))
	return reply{"last": last, "calls": calls}, nil
}

func (c *control) getConnections(request *http.Request) (reply, error) {
	views := []linkView{}
	for _, l := range c.fronts.list(request.URL.Query().Get("via")) {
		views = append(views, l.view())
	}
	return reply{"connections": views}, nil
}

func (c *control) postDynamic(request *http.Request) (reply, error) {
	var asked struct {
		Key   string          `json:"key"`
		Value json.RawMessage `json:"value"`
	}
	if err := body(request, &asked); err != nil {
		return nil, err
	}
	if asked.Key == "" || len(asked.Value) == 0 {
		return nil, errors.New("key and value are required; the value null goes back to the default")
	}
	value, err := parseSetting(asked.Value)
	if err != nil {
		return nil, err
	}
	c.dynamic.set(asked.Key, value)
	return reply{}, nil
}

func (c *control) postFail(request *http.Request) (reply, error) {
	asked := fault{Times: 1}
	if err := body(request, &asked); err != nil {
		return nil, err
	}
	if asked.Times == 0 {
		return nil, errors.New("times is 0")
	}
	return reply{"id": c.faults.add(asked)}, nil
}

func (c *control) postFreeze(request *http.Request) (reply, error) {
	asked := struct {
		Via    string `json:"via"`
		Frozen bool   `json:"frozen"`
	}{Frozen: true}
	if err := body(request, &asked); err != nil {
		return nil, err
	}
	c.fronts.freeze(asked.Via, asked.Frozen)
	return reply{}, nil
}

func (c *control) postKill(request *http.Request) (reply, error) {
	asked := struct {
		Via string `json:"via"`
		How cut    `json:"how"`
	}{How: cutClose}
	if err := body(request, &asked); err != nil {
		return nil, err
	}
	switch asked.How {
	case cutClose, cutEOF, cutReset:
		return reply{"killed": c.fronts.kill(asked.Via, asked.How)}, nil
	}
	return nil, errors.New(`how is "close", "eof" or "reset"`)
}

func (c *control) postKey(request *http.Request) (reply, error) {
	var asked struct {
		Key string `json:"key"`
	}
	if err := body(request, &asked); err != nil {
		return nil, err
	}
	c.key.set(asked.Key)
	return reply{}, nil
}

// postReset forgets calls and faults and thaws; settings, the key and connections stay.
func (c *control) postReset(*http.Request) (reply, error) {
	c.faults.clear()
	c.calls.reset()
	c.fronts.freeze("", false)
	return reply{}, nil
}
