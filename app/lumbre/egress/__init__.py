"""The one door to the network: permits and downloads; nothing else may open a socket."""
