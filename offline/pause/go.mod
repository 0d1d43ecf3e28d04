module play/pause

go 1.22
