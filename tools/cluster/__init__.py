"""Machines beyond this one: worker processes under Slurm, PBS, Kubernetes, or several here.

What is to be done is an errand: a function of gaseol's by name and a JSON document, carried by Parsl,
encrypted, to a worker there, whose answer is a JSON document too. Needs the extra `cluster`; nothing
here imports Parsl before a worker is started.
"""
