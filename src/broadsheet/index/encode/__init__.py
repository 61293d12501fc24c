"""index/encode"""
