"""What is beside the exact solution: training in time, and absolute values of the weights as the penalty."""
