"""Other services' protocols, spoken so that their clients work with only the host changed."""
