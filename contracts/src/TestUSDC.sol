// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC3009} from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";

/// @title USDC as far as payments see it. FOR THE DEVNET AND TESTS ONLY: anyone mints, anyone freezes
/// @notice EIP-3009 with v, r, s and with `bytes signature` (which asks a contract by ERC-1271), an EIP-712 domain like USDC's, version
/// "2", and its blacklist. Reverts are custom errors where USDC has strings.
/// @dev Keeps nothing in storage that a constructor writes, so its code can be placed at any address of a test chain.
contract TestUSDC is ERC3009 {
    uint8 private immutable _decimals;

    mapping(address account => bool) public isBlacklisted;

    event Blacklisted(address indexed account);
    event UnBlacklisted(address indexed account);

    error BlacklistedAccount(address account);

    /// @param domainName "USD Coin" on Base, "USDC" on Base Sepolia; at most 31 bytes.
    /// @param decimals_ Six, but for a test that shows the wrong token.
    constructor(string memory domainName, uint8 decimals_) ERC20("", "") EIP712(domainName, "2") {
        _decimals = decimals_;
    }

    /// @notice The faucet.
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function blacklist(address account) external {
        isBlacklisted[account] = true;
        emit Blacklisted(account);
    }

    function unBlacklist(address account) external {
        isBlacklisted[account] = false;
        emit UnBlacklisted(account);
    }

    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes memory signature
    ) external {
        bytes memory message = abi.encode(
            TRANSFER_WITH_AUTHORIZATION_TYPEHASH, from, to, value, validAfter, validBefore, nonce
        );
        _checkSignature(from, message, signature);
        _transferWithAuthorization(from, to, value, validAfter, validBefore, nonce);
    }

    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes memory signature
    ) external {
        if (to != msg.sender) revert ERC20InvalidReceiver(to);
        bytes memory message =
            abi.encode(RECEIVE_WITH_AUTHORIZATION_TYPEHASH, from, to, value, validAfter, validBefore, nonce);
        _checkSignature(from, message, signature);
        _transferWithAuthorization(from, to, value, validAfter, validBefore, nonce);
    }

    function cancelAuthorization(address authorizer, bytes32 nonce, bytes memory signature) external {
        _checkSignature(authorizer, abi.encode(CANCEL_AUTHORIZATION_TYPEHASH, authorizer, nonce), signature);
        _cancelAuthorization(authorizer, nonce);
    }

    function name() public view override returns (string memory) {
        return _EIP712Name();
    }

    function symbol() public pure override returns (string memory) {
        return "USDC";
    }

    function decimals() public view override returns (uint8) {
        return _decimals;
    }

    function version() external view returns (string memory) {
        return _EIP712Version();
    }

    // The name is USDC's.
    // solhint-disable-next-line func-name-mixedcase
    function DOMAIN_SEPARATOR() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    function _checkSignature(address signer, bytes memory message, bytes memory signature) private view {
        bytes32 digest = _hashTypedDataV4(keccak256(message));
        if (!SignatureChecker.isValidSignatureNow(signer, digest, signature)) revert ERC3009InvalidSignature();
    }

    /// @dev USDC knows seconds only; OpenZeppelin's extension would read some of them as block numbers.
    function _checkValidity(uint256 validAfter, uint256 validBefore) internal view override {
        if (block.timestamp <= validAfter || block.timestamp >= validBefore) {
            revert ERC3009InvalidAuthorizationTime(validAfter, validBefore);
        }
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (isBlacklisted[from]) revert BlacklistedAccount(from);
        if (isBlacklisted[to]) revert BlacklistedAccount(to);
        super._update(from, to, amount);
    }
}
