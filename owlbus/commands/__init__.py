"""The commands, one module each; `owlbus.main` lists them."""
