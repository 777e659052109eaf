"""Intake: a file becomes text, a language and suggestions, and nothing more until a person accepts.

Invariant: a file's bytes are only ever parsed in a child process that has no network, no files and little memory.
"""
