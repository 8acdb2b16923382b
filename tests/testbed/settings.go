package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"sync"

	"go.temporal.io/server/common/dynamicconfig"
)

// defaultSettings differ from the server's own where tests would otherwise meet limits or wait.
var defaultSettings = map[string]any{
	"activity.longPollTimeout":                                      "2s",
	"frontend.maskInternalErrorDetails":                             false,
	"frontend.namespaceBurstRatio.namespaceReplicationInducingAPIs": 10.0,
	"frontend.namespaceCount":                                       100000,
	"frontend.namespaceRPS":                                         1000000,
	"frontend.namespaceRPS.namespaceReplicationInducingAPIs":        10000,
	"frontend.namespaceRPS.visibility":                              100000,
	"frontend.persistenceMaxQPS":                                    1000000,
	"frontend.rps":                                                  1000000,
	"frontend.rps.namespaceReplicationInducingAPIs":                 10000,
	"frontend.workerVersioningDataAPIs":                             true,
	"frontend.workerVersioningRuleAPIs":                             true,
	"frontend.workerVersioningWorkflowAPIs":                         true,
	"frontend.WorkflowPauseEnabled":                                 true,
	"history.enableStandaloneActivityOperatorCommands":              true,
	"history.workflowIdReuseMinimalInterval":                        "0s",
	"history.timerProcessorMaxTimeShift":                            "1ms",
	"history.longPollExpirationInterval":                            "2s",
	"history.persistenceMaxQPS":                                     1000000,
	"history.rps":                                                   1000000,
	"matching.numTaskqueueReadPartitions":                           1,
	"matching.numTaskqueueWritePartitions":                          1,
	"matching.persistenceMaxQPS":                                    1000000,
	"matching.rps":                                                  1000000,
	"nexusoperation.enableStandalone":                               true,
	"nexusoperation.longPollTimeout":                                "2s",
	"system.forceSearchAttributesCacheRefreshOnRead":                true,
	"system.namespaceCacheRefreshInterval":                          "1s",
	"worker.persistenceMaxQPS":                                      1000000,
}

// settings is a dynamic configuration that tests change while the server runs.
type settings struct {
	dynamicconfig.NotifyingClientImpl

	mu     sync.RWMutex
	names  map[dynamicconfig.Key]string
	values map[dynamicconfig.Key][]dynamicconfig.ConstrainedValue
}

func newSettings(overrides []setting) *settings {
	s := &settings{
		NotifyingClientImpl: dynamicconfig.NewNotifyingClientImpl(),
		names:               map[dynamicconfig.Key]string{},
		values:              map[dynamicconfig.Key][]dynamicconfig.ConstrainedValue{},
	}
	for name, value := range defaultSettings {
		s.set(name, value)
	}
	for _, o := range overrides {
		s.set(o.key, o.value)
	}
	return s
}

// GetValue returns the same slice until the value changes, since the server caches by it.
func (s *settings) GetValue(key dynamicconfig.Key) []dynamicconfig.ConstrainedValue {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.values[key]
}

// set changes one setting; a nil value goes back to the testbed's default, or else to the server's.
func (s *settings) set(name string, value any) {
	if value == nil {
		value = defaultSettings[name]
	}
	key := dynamicconfig.MakeKey(name)
	s.mu.Lock()
	if value == nil {
		delete(s.values, key)
		delete(s.names, key)
	} else {
		s.values[key] = []dynamicconfig.ConstrainedValue{{Value: value}}
		s.names[key] = name
	}
	changed := s.values[key]
	s.mu.Unlock()
	s.PublishUpdates(map[dynamicconfig.Key][]dynamicconfig.ConstrainedValue{key: changed})
}

func (s *settings) all() map[string]any {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := make(map[string]any, len(s.values))
	for key, values := range s.values {
		all[s.names[key]] = values[0].Value
	}
	return all
}

// parseSetting reads JSON into the exact types that the server accepts: int is not float64 there.
func parseSetting(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("text after the JSON value")
	}
	return exactNumbers(value), nil
}

func exactNumbers(value any) any {
	switch v := value.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return int(n)
		}
		f, _ := v.Float64()
		return f
	case []any:
		for i := range v {
			v[i] = exactNumbers(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = exactNumbers(v[key])
		}
	}
	return value
}
