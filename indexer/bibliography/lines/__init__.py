"""Here is one line of a free-text bibliography; give me the fields of its Reference.

No statistical parser of references knows French ones, and a rule can be explained to the
librarian who asks why. The order of the rules is the design (reading.py):

    markup          tags, emphasis and links -> text with marks, its addresses lifted out
    identifiers     addresses, access date, DOI, ISBN, report number, pages and volumes, taken out
    dates           the date, by falling precision
    title           « », “ ”, " ", italics, the text of a link, where they open their slot; else
                    the place after the names
    persons         who signs
    container       what stands after the title
    vocabulary      the word lists

Each field carries a confidence from 0 to 1; nothing here reads a file.
"""
