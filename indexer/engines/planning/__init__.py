"""Understand what was typed, whatever engine answers: words, phrases, fields, spelling, plans.

`plan` is the language that engines are asked in; `translate` and `words` turn a Query into it,
`understanding` puts near words in the place of mistakes.
"""
