"""Photos and documents as they come in: what they are is looked at, not believed; what tells more than they show is
taken out.

Decoders of pictures and papers are large, and have had holes. They run in a process of their own
(`python -m services.intake.cleaning`), which has no key, no setting and no database, little memory and little time;
nothing here imports them.
"""
