// grpc-go's own interop test service. Listens on loopback, prints its port, and ends when its
// standard input does.
//
//	peer_grpcgo [CERTIFICATE KEY]    PEM files: TLS
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/interop"
	testgrpc "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/peer"
)

// fillServerID does what that server leaves out. It is one; which of its connections it was says more.
func fillServerID(ctx context.Context, request any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	response, err := next(ctx, request)
	asked, isAsked := request.(*testgrpc.SimpleRequest)
	answer, isAnswer := response.(*testgrpc.SimpleResponse)
	from, isKnown := peer.FromContext(ctx)
	if err == nil && isAsked && isAnswer && isKnown && asked.FillServerId {
		answer.ServerId = from.Addr.String()
	}
	return response, err
}

func main() {
	options := []grpc.ServerOption{grpc.UnaryInterceptor(fillServerID)}
	if len(os.Args) == 3 {
		tls, err := credentials.NewServerTLSFromFile(os.Args[1], os.Args[2])
		if err != nil {
			log.Fatal(err)
		}
		options = append(options, grpc.Creds(tls))
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	server := grpc.NewServer(options...)
	testgrpc.RegisterTestServiceServer(server, interop.NewTestServer())
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0) // handlers that sleep are not waited for
	}()
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(server.Serve(listener))
}
