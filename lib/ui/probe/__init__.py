"""Questions to versions about altered images: how firm their answers are, and what they rest on."""
