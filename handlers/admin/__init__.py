"""What operators do at a terminal, with the settings of the deployment."""
