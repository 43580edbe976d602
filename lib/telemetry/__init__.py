"""What the server tells its operators: lines of the log, and figures for Prometheus."""
