// Command pod-network joins the pods of all nodes: it gives this node's pods the address range that Kubernetes chose,
// and keeps a route to the pods of every other node. It stands on nothing but the API and the ip command.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	kubeconfigPath = "/etc/kubernetes/kubelet.conf"
	templatePath   = "/kind/node-network.conflist"
	templateRange  = "10.244.0.0/24"
	conflistPath   = "/etc/cni/net.d/10-node.conflist"
	retryAfter     = 2 * time.Second
	// Longer than the API server lets a watch live, so that a silent connection is noticed.
	longestWatch = 10 * time.Minute
)

type node struct {
	Metadata struct {
		Name            string `json:"name"`
		ResourceVersion string `json:"resourceVersion"`
	} `json:"metadata"`
	Spec struct {
		PodCIDR string `json:"podCIDR"`
	} `json:"spec"`
	Status struct {
		Addresses []struct{ Type, Address string } `json:"addresses"`
	} `json:"status"`
}

type nodeList struct {
	Metadata struct {
		ResourceVersion string `json:"resourceVersion"`
	} `json:"metadata"`
	Items []node `json:"items"`
}

type event struct {
	Type   string `json:"type"`
	Object node   `json:"object"`
}

func (n node) internalIP() string {
	for _, address := range n.Status.Addresses {
		if address.Type == "InternalIP" {
			return address.Address
		}
	}
	return ""
}

// network is what this node has been told and what it has set up so far.
type network struct {
	self   string
	nodes  map[string]node
	routes map[string]string // pod range -> address of the node that has it
	ranges string            // range written to the CNI configuration
}

// settle makes the node's own range and its routes what the known nodes ask for.
func (n *network) settle() error {
	if own := n.nodes[n.self].Spec.PodCIDR; own != "" && own != n.ranges {
		if err := writeConflist(own); err != nil {
			return err
		}
		n.ranges = own
	}
	wanted := map[string]string{}
	for name, other := range n.nodes {
		if name != n.self && other.Spec.PodCIDR != "" && other.internalIP() != "" {
			wanted[other.Spec.PodCIDR] = other.internalIP()
		}
	}
	for podRange, via := range wanted {
		if n.routes[podRange] == via {
			continue
		}
		if err := ip("route", "replace", podRange, "via", via); err != nil {
			return err
		}
		n.routes[podRange] = via
	}
	for podRange := range n.routes {
		if _, stays := wanted[podRange]; !stays {
			// A route whose device is gone has gone with it.
			_ = ip("route", "del", podRange)
			delete(n.routes, podRange)
		}
	}
	return nil
}

func ip(arguments ...string) error {
	output, err := exec.Command("ip", arguments...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("ip %s: %w: %s", strings.Join(arguments, " "), err, output)
	}
	log.Printf("ip %s", strings.Join(arguments, " "))
	return nil
}

// writeConflist replaces the CNI configuration as a whole, and leaves one alone that says the same.
func writeConflist(podRange string) error {
	template, err := os.ReadFile(templatePath)
	if err != nil {
		return err
	}
	text := strings.ReplaceAll(string(template), templateRange, podRange)
	if present, err := os.ReadFile(conflistPath); err == nil && string(present) == text {
		return nil
	}
	// containerd is not told of a file that is moved in from another folder, and ignores one that is named like this.
	partial := filepath.Join(filepath.Dir(conflistPath), "node-network.partial")
	if err := os.WriteFile(partial, []byte(text), 0o644); err != nil {
		return err
	}
	log.Printf("pods of this node have addresses of %s", podRange)
	return os.Rename(partial, conflistPath)
}

func list(client *http.Client, server string) (nodeList, error) {
	var found nodeList
	response, err := client.Get(server + "/api/v1/nodes")
	if err != nil {
		return found, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return found, fmt.Errorf("listing nodes: %s", response.Status)
	}
	return found, json.NewDecoder(response.Body).Decode(&found)
}

// follow lists the nodes, then applies every change until the connection ends.
func (n *network) follow(ctx context.Context) error {
	client, server, err := readKubeconfig(kubeconfigPath)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	found, err := list(client, server)
	if err != nil {
		return err
	}
	n.nodes = map[string]node{}
	for _, one := range found.Items {
		n.nodes[one.Metadata.Name] = one
	}
	if err := n.settle(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, longestWatch)
	defer cancel()
	address := server + "/api/v1/nodes?watch=1&timeoutSeconds=540&resourceVersion=" + found.Metadata.ResourceVersion
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	for decoder := json.NewDecoder(response.Body); ; {
		var change event
		if err := decoder.Decode(&change); err != nil {
			return nil // the server ends every watch; the next list catches up
		}
		switch change.Type {
		case "ADDED", "MODIFIED":
			n.nodes[change.Object.Metadata.Name] = change.Object
		case "DELETED":
			delete(n.nodes, change.Object.Metadata.Name)
		default:
			return fmt.Errorf("watching nodes: %s", change.Type)
		}
		if err := n.settle(); err != nil {
			return err
		}
	}
}

func main() {
	log.SetFlags(0)
	self, err := os.Hostname()
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	state := &network{self: self, nodes: map[string]node{}, routes: map[string]string{}}
	said := ""
	for ctx.Err() == nil {
		// Until kubeadm has joined this node there is nobody to ask, which is worth one line and not one every two seconds.
		if err := state.follow(ctx); err != nil && err.Error() != said {
			said = err.Error()
			log.Print(said)
		}
		select {
		case <-ctx.Done():
		case <-time.After(retryAfter):
		}
	}
}
