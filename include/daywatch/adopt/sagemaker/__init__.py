"""What a team brings from SageMaker Model Monitor: constraints, statistics, schedules."""
