"""Where tools run: warm processes, kept from the network and each other, killable at their limit."""
