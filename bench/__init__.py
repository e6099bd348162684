"""What Kinbridge costs, beside what else could do the same work: `python -m bench --scale 0.01`.

Every comparison runs its sides in turn (A, B, C, A, B, C, A, B, C) on the same throw-away PostgreSQL and RabbitMQ and
takes the median of each. Durability is the same for all sides: fsync on, synchronous commits, durable quorum queues,
persistent messages, publisher confirms. `rows/` measures, one file a row; `sides/` holds what is compared.
"""
