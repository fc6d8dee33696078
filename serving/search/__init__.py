"""Search: from what somebody asks to ranked answers, by the tables that the loader keeps."""
