// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {IBatchSettlement} from "../src/interfaces/IBatchSettlement.sol";
import {Fixture} from "./support/Fixture.sol";
import {vm} from "./support/Vm.sol";

/// @title What is signed equals what the canonical contract asks for
contract HashesTest is Fixture {
    /// @dev What others read from the canonical contract on Base Sepolia in September 2026.
    function test_typeHashesAreTheCanonicalOnes() public view {
        vm.assertEq(
            escrow.CHANNEL_CONFIG_TYPEHASH(),
            0x1c9a06ceab9b0ebbd3301dc56c9111bb6d9af421356dc9ccb3b7084c755db308,
            "ChannelConfig"
        );
        vm.assertEq(
            escrow.VOUCHER_TYPEHASH(), 0x1e1bd6ff84c3e0d9029a292b212e039c0ca97ec497c55191a4a5874294609a69, "Voucher"
        );
        vm.assertEq(
            escrow.REFUND_TYPEHASH(), 0xbe23ad087435072cd69b49cc5b92de10ee610fce7ae0ab428307972d764bb216, "Refund"
        );
        vm.assertEq(
            escrow.CLAIM_ENTRY_TYPEHASH(),
            0x30b9a0367528fca13c3e8ec6134c3113f1887ebe7a1ad61de0955aac288b0cf5,
            "ClaimEntry"
        );
        vm.assertEq(
            escrow.CLAIM_BATCH_TYPEHASH(),
            0x42bd57c010b870c2e96203c66341f28a6a19b4d56a74533a8eb5f706b9fd6d57,
            "ClaimBatch"
        );
    }

    function test_theDomainFollowsTheAddress() public view {
        (, string memory name, string memory version, uint256 chainId, address verifying,,) = escrow.eip712Domain();
        vm.assertEq(name, "x402 Batch Settlement", "name");
        vm.assertEq(version, "1", "version");
        vm.assertEq(chainId, block.chainid, "chain");
        vm.assertEq(verifying, ESCROW, "contract");
    }

    function testFuzz_digestsAreEip712(bytes32 channelId, uint128 amount, uint256 nonce) public view {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("x402 Batch Settlement"),
                keccak256("1"),
                block.chainid,
                ESCROW
            )
        );
        bytes32 voucherHash = keccak256(
            abi.encode(keccak256("Voucher(bytes32 channelId,uint128 maxClaimableAmount)"), channelId, amount)
        );
        bytes32 refundHash = keccak256(
            abi.encode(keccak256("Refund(bytes32 channelId,uint256 nonce,uint128 amount)"), channelId, nonce, amount)
        );
        vm.assertEq(
            escrow.getVoucherDigest(channelId, amount),
            keccak256(abi.encodePacked(hex"1901", domain, voucherHash)),
            "voucher"
        );
        vm.assertEq(
            escrow.getRefundDigest(channelId, nonce, amount),
            keccak256(abi.encodePacked(hex"1901", domain, refundHash)),
            "refund"
        );
    }

    function testFuzz_eachFieldOfTheConfigMakesAnotherChannel(uint8 field, bytes32 salt) public view {
        IBatchSettlement.ChannelConfig memory config = configOf(salt);
        bytes32 id = escrow.getChannelId(config);
        field = field % 7;
        if (field == 0) config.payer = thief;
        if (field == 1) config.payerAuthorizer = thief;
        if (field == 2) config.receiver = thief;
        if (field == 3) config.receiverAuthorizer = thief;
        if (field == 4) config.token = thief;
        if (field == 5) config.withdrawDelay += 1;
        if (field == 6) config.salt = keccak256(abi.encode(salt));
        vm.assertTrue(escrow.getChannelId(config) != id, "another id");
    }
}
