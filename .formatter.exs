[inputs: ["{mix,.formatter}.exs", "c_src/*.exs", "{lib,test}/**/*.{ex,exs}"]]
