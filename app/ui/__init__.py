"""What pages share: components, charts and the frame around every page. No work of its own."""
