package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net/http"
	"os"
	"regexp"
	"time"
)

// field finds a scalar of the kubelet's configuration, which kubeadm writes with one cluster and one user.
func field(text []byte, name string) string {
	found := regexp.MustCompile(`(?m)^\s*` + name + `:\s*"?([^"\s]+)"?\s*$`).FindSubmatch(text)
	if found == nil {
		return ""
	}
	return string(found[1])
}

// content is a field's inline data, or the file that its other form names.
func content(text []byte, name string) ([]byte, error) {
	if data := field(text, name+"-data"); data != "" {
		return base64.StdEncoding.DecodeString(data)
	}
	return os.ReadFile(field(text, name))
}

// readKubeconfig gives a client with the kubelet's identity and the API server's address. It is read anew for every
// connection, since kubelet renews its certificate and kubeadm rewrites the file while it sets the node up.
func readKubeconfig(path string) (*http.Client, string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, "", err
	}
	authority, err := content(text, "certificate-authority")
	if err != nil {
		return nil, "", err
	}
	certificate, err := content(text, "client-certificate")
	if err != nil {
		return nil, "", err
	}
	key, err := content(text, "client-key")
	if err != nil {
		return nil, "", err
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return nil, "", err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(authority) {
		return nil, "", errors.New("the kubelet's configuration has no certificate authority")
	}
	transport := &http.Transport{
		TLSClientConfig:       &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}},
		ResponseHeaderTimeout: 30 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
	}
	return &http.Client{Transport: transport}, field(text, "server"), nil
}
