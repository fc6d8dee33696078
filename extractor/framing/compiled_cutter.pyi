from extractor.framing.stems import Stems

class Cutter:
    def __init__(
        self,
        name: bytes,
        opening: bytes,
        *,
        nests: bool,
        in_attribute: bool,
        limit: int,
        hash_address: int,
    ) -> None: ...
    def cut(self, buffer: bytes, offset: int) -> tuple[Stems, int, bool]: ...
