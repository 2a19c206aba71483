"""What the tests of the second engine share."""

from pathlib import Path

import pytest
import trustme


@pytest.fixture(scope="package")
def papers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """An authority, a certificate of ours with its key, and another authority."""
    folder = tmp_path_factory.mktemp("papers")
    authority, other = trustme.CA(), trustme.CA()
    ours = authority.issue_cert("renvois@exemple.test")
    named = {"ca": folder / "ca.pem", "other": folder / "other.pem"}
    authority.cert_pem.write_to_path(str(named["ca"]))
    other.cert_pem.write_to_path(str(named["other"]))
    named |= {
        "certificate": folder / "our.pem",
        "key": folder / "our.key",
        "chain": folder / "s.pem",
    }
    ours.cert_chain_pems[0].write_to_path(str(named["certificate"]))
    ours.private_key_pem.write_to_path(str(named["key"]))
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(
        str(named["chain"])
    )
    return named
