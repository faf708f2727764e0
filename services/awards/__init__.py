"""Awards: nomination, panel, grades and prizes."""
