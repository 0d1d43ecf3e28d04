module play/pod-network

go 1.22
