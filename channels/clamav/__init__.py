"""ClamAV: are there viruses in what leaves, and in what is shown?"""
