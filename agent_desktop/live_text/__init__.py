"""What is said in a talk, on the screens of the agent who has it and of the leader who reads along."""
