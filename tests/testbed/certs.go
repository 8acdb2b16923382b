package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// identity is a certificate with its key.
type identity struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// certificates are made anew at each start; nothing here is a secret.
type certificates struct {
	ca      *identity
	server  *identity // localhost, 127.0.0.1, ::1, testbed.internal
	expired *identity // as server, but over since yesterday
	wrong   *identity // for elsewhere.internal only
	foreign *identity // as server, signed by an authority that ca.pem does not know
}

// makeCertificates writes NAME.pem and NAME.key of each identity to dir.
func makeCertificates(dir string) (*certificates, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	now := time.Now()
	here := x509.Certificate{
		DNSNames:    []string{"localhost", "testbed.internal"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		NotAfter:    now.Add(48 * time.Hour),
	}
	expired, elsewhere := here, here
	expired.NotAfter = now.Add(-24 * time.Hour)
	elsewhere.DNSNames, elsewhere.IPAddresses = []string{"elsewhere.internal"}, nil
	client := x509.Certificate{ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, NotAfter: here.NotAfter}
	authority := x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, NotAfter: here.NotAfter}

	made := map[string]*identity{}
	for _, want := range []struct {
		name, issuer string
		template     x509.Certificate
	}{
		{"ca", "", authority},
		{"other-ca", "", authority},
		{"server", "ca", here},
		{"expired", "ca", expired},
		{"wrong-name", "ca", elsewhere},
		{"other-server", "other-ca", here},
		{"client", "ca", client},
		{"other-client", "other-ca", client},
	} {
		id, err := issue(want.name, want.template, made[want.issuer])
		if err != nil {
			return nil, err
		}
		if err := id.write(filepath.Join(dir, want.name)); err != nil {
			return nil, err
		}
		made[want.name] = id
	}
	return &certificates{
		ca: made["ca"], server: made["server"], expired: made["expired"],
		wrong: made["wrong-name"], foreign: made["other-server"],
	}, nil
}

// issue signs the template with the issuer, or with its own key if there is none.
func issue(name string, template x509.Certificate, issuer *identity) (*identity, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 100))
	if err != nil {
		return nil, err
	}
	template.SerialNumber = serial
	template.Subject = pkix.Name{CommonName: "testbed " + name}
	template.NotBefore = time.Now().Add(-72 * time.Hour)
	if !template.IsCA {
		template.KeyUsage = x509.KeyUsageDigitalSignature
	}
	if issuer == nil {
		issuer = &identity{cert: &template, key: key}
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, issuer.cert, &key.PublicKey, issuer.key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return &identity{cert: cert, key: key}, err
}

func (id *identity) write(path string) error {
	key, err := x509.MarshalPKCS8PrivateKey(id.key)
	if err != nil {
		return err
	}
	certText := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: id.cert.Raw})
	if err := os.WriteFile(path+".pem", certText, 0o644); err != nil {
		return err
	}
	return os.WriteFile(path+".key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), 0o600)
}

// serverTLS is the configuration of a front that shows this identity.
func (id *identity) serverTLS() *tls.Config {
	return &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{id.cert.Raw}, PrivateKey: id.key}},
		NextProtos:   []string{"h2"},
		MinVersion:   tls.VersionTLS12,
	}
}

// mutualTLS asks for a client certificate signed by the authority as well.
func (id *identity) mutualTLS(authority *identity) *tls.Config {
	pool := x509.NewCertPool()
	pool.AddCert(authority.cert)
	config := id.serverTLS()
	config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, pool
	return config
}
