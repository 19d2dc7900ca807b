"""The program: web pages' support, workflows, worker and command line."""
