package main

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	sqliteplugin "go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/schema/sqlite"
	"go.temporal.io/server/temporal"
)

const (
	loopback       = "127.0.0.1"
	clusterName    = "active"
	mainNamespace  = "default"
	otherNamespace = "other"
)

var searchAttributes = map[string]enumspb.IndexedValueType{
	"CustomTextField":        enumspb.INDEXED_VALUE_TYPE_TEXT,
	"CustomKeywordField":     enumspb.INDEXED_VALUE_TYPE_KEYWORD,
	"CustomIntField":         enumspb.INDEXED_VALUE_TYPE_INT,
	"CustomDoubleField":      enumspb.INDEXED_VALUE_TYPE_DOUBLE,
	"CustomBoolField":        enumspb.INDEXED_VALUE_TYPE_BOOL,
	"CustomDatetimeField":    enumspb.INDEXED_VALUE_TYPE_DATETIME,
	"CustomKeywordListField": enumspb.INDEXED_VALUE_TYPE_KEYWORD_LIST,
}

// startServer runs a whole Temporal server in this process and returns the address of its frontend.
func startServer(dynamic *settings, calls *recorder, logLevel string) (string, error) {
	ports, err := freePorts(9)
	if err != nil {
		return "", err
	}
	frontend := net.JoinHostPort(loopback, strconv.Itoa(ports[0]))
	sql := &config.SQL{
		PluginName:        sqliteplugin.PluginName,
		DatabaseName:      fmt.Sprintf("testbed-%d", rand.Uint64()),
		ConnectAttributes: map[string]string{"mode": "memory", "cache": "shared"},
	}
	if err := createNamespaces(sql, mainNamespace, otherNamespace); err != nil {
		return "", err
	}
	logger := log.NewZapLogger(log.BuildZapLogger(log.Config{Level: logLevel, Format: "console"}))
	server, err := temporal.NewServer(
		temporal.WithConfig(serverConfig(sql, frontend, ports)),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithLogger(logger),
		temporal.WithAuthorizer(authorization.NewNoopAuthorizer()),
		temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return authorization.NewNoopClaimMapper() }),
		temporal.WithDynamicConfigClient(dynamic),
		temporal.WithChainedFrontendGrpcInterceptors(calls.intercept),
	)
	if err != nil {
		return "", err
	}
	return frontend, server.Start()
}

func createNamespaces(sql *config.SQL, names ...string) error {
	var namespaces []*sqlite.NamespaceConfig
	for _, name := range names {
		namespace, err := sqlite.NewNamespaceConfig(clusterName, name, false, searchAttributes)
		if err != nil {
			return err
		}
		namespaces = append(namespaces, namespace)
	}
	return sqlite.CreateNamespaces(sql, namespaces...)
}

// serverConfig uses ports in this order: frontend, history, matching, worker, their four membership ports, HTTP.
func serverConfig(sql *config.SQL, frontend string, ports []int) *config.Config {
	services := map[string]config.Service{}
	for i, name := range []string{"frontend", "history", "matching", "worker"} {
		rpc := config.RPC{GRPCPort: ports[i], MembershipPort: ports[4+i], BindOnIP: loopback}
		if name == "frontend" {
			rpc.HTTPPort = ports[8]
		}
		services[name] = config.Service{RPC: rpc}
	}
	const disabled = "disabled"
	return &config.Config{
		Global: config.Global{
			Membership: config.Membership{MaxJoinDuration: 30 * time.Second, BroadcastAddress: loopback},
		},
		Persistence: config.Persistence{
			DefaultStore:     sqliteplugin.PluginName,
			VisibilityStore:  sqliteplugin.PluginName,
			NumHistoryShards: 1,
			DataStores:       map[string]config.DataStore{sqliteplugin.PluginName: {SQL: sql}},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10,
			MasterClusterName:        clusterName,
			CurrentClusterName:       clusterName,
			ClusterInformation: map[string]cluster.ClusterInformation{
				clusterName: {Enabled: true, InitialFailoverVersion: 1, RPCAddress: frontend},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		Services:            services,
		PublicClient:        config.PublicClient{HostPort: frontend},
		Archival: config.Archival{
			History:    config.HistoryArchival{State: disabled},
			Visibility: config.VisibilityArchival{State: disabled},
		},
		NamespaceDefaults: config.NamespaceDefaults{
			Archival: config.ArchivalNamespaceDefaults{
				History:    config.HistoryArchivalNamespaceDefaults{State: disabled},
				Visibility: config.VisibilityArchivalNamespaceDefaults{State: disabled},
			},
		},
	}
}

// freePorts finds ports below the range from which systems give ports to outgoing connections, so that none is taken
// between this check and the server's own listen by a connection of a program running beside us.
func freePorts(count int) ([]int, error) {
	const low, high = 15000, 32000
	var ports []int
	for try := 0; len(ports) < count; try++ {
		if try > 1000 {
			return nil, fmt.Errorf("no %d free ports from %d to %d", count, low, high)
		}
		port := low + rand.IntN(high-low)
		listener, err := net.Listen("tcp", net.JoinHostPort(loopback, strconv.Itoa(port)))
		if err != nil {
			continue
		}
		defer listener.Close()
		ports = append(ports, port)
	}
	return ports, nil
}
