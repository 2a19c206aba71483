"""Here are documents, keep what they mean; here is a question, find what is near it in meaning."""
