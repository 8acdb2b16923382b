package main

import (
	"context"
	"sync"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// keyCheck asks for `authorization: Bearer KEY` on the API key fronts.
type keyCheck struct {
	mu  sync.Mutex
	key string
}

func (k *keyCheck) set(key string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.key = key
}

// check answers UNAUTHENTICATED to a call without a key and PERMISSION_DENIED to one with another key.
func (k *keyCheck) check(ctx context.Context, via string) error {
	if via != viaAPIKey && via != viaAPIKeyPlain {
		return nil
	}
	k.mu.Lock()
	want := "Bearer " + k.key
	k.mu.Unlock()
	md, _ := metadata.FromIncomingContext(ctx)
	switch given := md.Get("authorization"); {
	case len(given) == 0:
		return status.Error(codes.Unauthenticated, "an API key is required")
	case len(given) > 1 || given[0] != want:
		return status.Error(codes.PermissionDenied, "the API key is not valid")
	}
	return nil
}
