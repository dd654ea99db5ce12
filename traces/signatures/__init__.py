"""Who stands for a record: keys, and signatures made with them."""
