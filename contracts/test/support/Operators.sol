// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {IRelayRegistry} from "../../src/interfaces/IRelayRegistry.sol";
import {RegistryParties} from "./RegistryFixture.sol";
import {vm} from "./Vm.sol";

/// @title Operators and a thief who do whatever the fuzzer has them do with the registry
/// @notice Three operators, three peer keys, each of which each operator may claim: nine claims. Every function is one step; none
/// reverts unless an attack got through or an honest step was refused. The books are of what the operators did, never the registry's.
contract Operators is RegistryParties {
    uint256 public constant CLAIMS = 9;
    uint256 public constant OPERATORS = 3;
    uint256 private constant ENDOWMENT = 1_000e6;

    struct Claim {
        address payee;
        bytes32 peerKey;
        bool listed;
        uint256 registeredAt;
        uint256 leavesAt;
        bytes32 addressesHash;
    }

    Claim[] private claims;
    /// @dev Sent to the registry by mistake.
    uint256 public given;

    constructor() {
        open();
        for (uint256 i = 0; i < OPERATORS; ++i) {
            endow(_operator(i), ENDOWMENT);
        }
        for (uint256 i = 0; i < CLAIMS; ++i) {
            bytes32 peerKey = keccak256(abi.encode("peer", i / OPERATORS));
            claims.push(Claim(_operator(i % OPERATORS), peerKey, false, 0, 0, 0));
        }
    }

    function parties() external view returns (address, address, address) {
        return (address(registry), address(token), thief);
    }

    function ledger() external view returns (Claim[] memory) {
        return claims;
    }

    /// @dev An operator, and what it must have: all it began with, less a bond for each of its relays.
    function purse(uint256 index) external view returns (address payee, uint256 expected) {
        (payee, expected) = (claims[index].payee, ENDOWMENT);
        for (uint256 i = index; i < CLAIMS; i += OPERATORS) {
            if (claims[i].listed) expected -= BOND;
        }
    }

    function registerOne(uint256 index, uint256 length) external {
        Claim storage claim = claims[index % CLAIMS];
        bytes memory addresses = _addresses(index, length);
        if (claim.listed) {
            _mustFail(claim.payee, abi.encodeCall(registry.register, (claim.peerKey, addresses)));
            return;
        }
        vm.prank(claim.payee);
        registry.register(claim.peerKey, addresses);
        (claim.listed, claim.registeredAt, claim.leavesAt) = (true, block.timestamp, 0);
        claim.addressesHash = keccak256(addresses);
    }

    function updateOne(uint256 index, uint256 length) external {
        Claim storage claim = claims[index % CLAIMS];
        bytes memory addresses = _addresses(index, length);
        bytes memory call = abi.encodeCall(registry.update, (claim.peerKey, addresses));
        if (!claim.listed) return _mustFail(claim.payee, call);
        vm.prank(claim.payee);
        registry.update(claim.peerKey, addresses);
        claim.addressesHash = keccak256(addresses);
    }

    function announceOne(uint256 index) external {
        Claim storage claim = claims[index % CLAIMS];
        bytes memory call = abi.encodeCall(registry.announceLeave, (claim.peerKey));
        if (!claim.listed || claim.leavesAt != 0) return _mustFail(claim.payee, call);
        announceLeave(claim.payee, claim.peerKey);
        claim.leavesAt = block.timestamp + DELAY;
    }

    function stayOne(uint256 index) external {
        Claim storage claim = claims[index % CLAIMS];
        bytes memory call = abi.encodeCall(registry.stay, (claim.peerKey));
        if (!claim.listed || claim.leavesAt == 0) return _mustFail(claim.payee, call);
        vm.prank(claim.payee);
        registry.stay(claim.peerKey);
        claim.leavesAt = 0;
    }

    function withdrawOne(uint256 index, uint256 wait) external {
        Claim storage claim = claims[index % CLAIMS];
        vm.warp(block.timestamp + (wait % (2 * DELAY)));
        bytes memory call = abi.encodeCall(registry.withdraw, (claim.peerKey));
        bool due = claim.leavesAt != 0 && block.timestamp >= claim.leavesAt;
        if (!claim.listed || !due) return _mustFail(claim.payee, call);
        withdraw(claim.payee, claim.peerKey);
        (claim.listed, claim.registeredAt, claim.leavesAt) = (false, 0, 0);
        claim.addressesHash = 0;
    }

    /// @dev Most runs would never see a relay go if each step of it had to be drawn.
    function leaveForGood(uint256 index) external {
        Claim storage claim = claims[index % CLAIMS];
        if (!claim.listed) return;
        if (claim.leavesAt == 0) announceLeave(claim.payee, claim.peerKey);
        vm.warp(block.timestamp + DELAY);
        withdraw(claim.payee, claim.peerKey);
        (claim.listed, claim.registeredAt, claim.leavesAt) = (false, 0, 0);
        claim.addressesHash = 0;
    }

    function stealAsNobody(uint256 index) external {
        bytes32 peerKey = claims[index % CLAIMS].peerKey;
        _mustFail(thief, abi.encodeCall(registry.register, (peerKey, ADDRESSES)));
        _mustFail(thief, abi.encodeCall(registry.update, (peerKey, ADDRESSES)));
        _mustFail(thief, abi.encodeCall(registry.announceLeave, (peerKey)));
        _mustFail(thief, abi.encodeCall(registry.stay, (peerKey)));
        _mustFail(thief, abi.encodeCall(registry.withdraw, (peerKey)));
    }

    /// @dev Nobody's, and never part of a bond.
    function sendByMistake(uint256 amount) external {
        amount %= 1e6;
        token.mint(address(registry), amount);
        given += amount;
    }

    function _mustFail(address sender, bytes memory call) private {
        vm.prank(sender);
        (bool done,) = address(registry).call(call);
        vm.assertTrue(!done, "refused");
    }

    /// @dev Of any length that is allowed, so that each shape of `bytes` in storage replaces each other one.
    function _addresses(uint256 seed, uint256 length) private pure returns (bytes memory addresses) {
        bytes32 a = keccak256(abi.encode(seed));
        bytes32 b = keccak256(abi.encode(length));
        addresses = abi.encode(a, b, a, b, a, b, a, b);
        length %= 257;
        assembly {
            mstore(addresses, length)
        }
    }

    function _operator(uint256 index) private pure returns (address) {
        return vm.addr(0x0BE8 + index);
    }
}
